import * as pulumi from '@pulumi/pulumi';
import { encodedSecret, secretData, secretProblem } from '../../components/secret-value';
import { isSecret, valueOf } from '../support/deployment';

const path = 'services.api.secrets.key';

it.each([
  ['', 'must not be empty'],
  ['x'.repeat(512_000), 'must have less than 500 KiB, has 512000 bytes'],
  ['ä'.repeat(256_000), 'must have less than 500 KiB, has 512000 bytes'],
])('a value that engines refuse is told of, and never shown (case %#)', (value, problem) => {
  expect(secretProblem(value)).toBe(problem);
  expect(() => encodedSecret(value, path)).toThrow(new pulumi.RunError(`${path}: the value ${problem}`));
});

it.each([' ', '\0', 'x'.repeat(511_999), 'ä😀'])('any other arrives byte by byte (case %#)', (value) => {
  expect(Buffer.from(encodedSecret(value, path), 'base64').toString()).toBe(value);
});

it('a value is secret from here on, whoever gave it', async () => {
  const data = secretData({ value: pulumi.output('hush'), path });
  expect(await isSecret(data)).toBe(true);
  expect(await valueOf(data)).toBe(Buffer.from('hush').toString('base64'));
});
