import { persistently } from '../../../components/kubernetes/retry';

/** Fails with each of the errors in turn, then answers. */
function cluster(...errors: object[]) {
  let asked = 0;
  const ask = () => {
    const error = errors[asked++];
    return error ? Promise.reject(Object.assign(new Error('refused'), error)) : Promise.resolve('answer');
  };
  return { ask, asked: () => asked };
}

describe('a cluster is asked again', () => {
  it.each([{ code: 'ECONNREFUSED' }, {}, { code: 500 }, { code: 503 }, { code: 429 }])('after %j', async (error) => {
    const { ask, asked } = cluster(error, error);
    expect(await persistently(ask, 1_000, 1)).toBe('answer');
    expect(asked()).toBe(3);
  });

  it.each([{ code: 401 }, { code: 403 }, { code: 404 }, { code: 409 }])(
    'not after %j, which is an answer',
    async (error) => {
      const { ask, asked } = cluster(error);
      await expect(persistently(ask, 1_000, 1)).rejects.toMatchObject(error);
      expect(asked()).toBe(1);
    },
  );

  it('for a bounded time', async () => {
    const silent = Array.from({ length: 1_000 }, () => ({ code: 'ECONNREFUSED' }));
    const { ask, asked } = cluster(...silent);
    await expect(persistently(ask, 20, 1)).rejects.toThrow('refused');
    expect(asked()).toBeLessThan(1_000);
  });
});
