import { literal, literals } from '../../../components/docker/literal';
import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import { valueOf } from '../../support/deployment';

/** What Swarm makes of a value whose only templates are those that write two braces. */
function expanded(text: string): string {
  const parts = text.split('{{"{{"}}');
  expect(parts.join('')).not.toContain('{{');
  return parts.join('{{');
}

it.each([
  ['Hi {{name}}', 'Hi {{"{{"}}name}}'],
  ['{{{', '{{"{{"}}{'],
  ['a { b } }} c', 'a { b } }} c'],
  ['$HOME', '$HOME'],
])('%j is written %j', (text, written) => expect(literal(text)).toBe(written));

it('whatever is written arrives', () =>
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('{', '}', '"', 'a', '-', ' ') }), (text) => {
      expect(expanded(literal(text))).toBe(text);
    }),
  ));

it('values of other resources, too', async () =>
  expect(await valueOf(literals({ A: pulumi.output('{{x}}') })['A']!)).toBe('{{"{{"}}x}}'));
