import { applicationSpec } from '../../components/application-spec';
import { dataName } from '../../components/storage';

const image = 'image';
const stored = (name?: string) => ({
  image,
  storage: { path: '/d', size: '1Gi', ...(name === undefined ? {} : { name }) },
});
const spec = (services: Record<string, object>, jobs: Record<string, object> = {}) =>
  applicationSpec('shop', { services, jobs } as Parameters<typeof applicationSpec>[1]);

describe('the data of a microservice or job', () => {
  it('is called as it is, or as it was called before', () => {
    expect(spec({ db: stored(), new: stored('old') }, { backup: stored() }).services.map(dataName)).toEqual([
      'db',
      'old',
    ]);
  });

  it.each([
    ['of a microservice', { db: stored(), other: stored('db') }, {}, 'services.other.storage.name: "db"'],
    ['that comes first', { a: stored('db'), db: stored() }, {}, 'services.a.storage.name: "db"'],
    ['of a job', { db: stored('backup') }, { backup: stored() }, 'it is that of jobs.backup'],
    ['with a name of before', { a: stored('x'), b: stored('x') }, {}, 'it is that of services.a'],
  ])('is nobody else’s: %s'.replace('’', "'"), (_, services, jobs, message) =>
    expect(() => spec(services, jobs)).toThrow(message),
  );

  it.each(['Db', '', 'a'.repeat(41), 'a_b'])('has a name like a microservice, not %j', (name) =>
    expect(() => spec({ db: stored(name) })).toThrow(/services\.db\.storage\.name: .*at most 40 characters/),
  );
});
