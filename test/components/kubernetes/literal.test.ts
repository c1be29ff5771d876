import fc from 'fast-check';
import { literal } from '../../../components/kubernetes/literal';

/** What Kubernetes makes of a text: `$(NAME)` is replaced, `$$` is a dollar sign, any other dollar sign stays. */
function expanded(text: string): string {
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match) => (match === '$$' ? '$' : 'replaced'));
}

it.each(['$(HOME)', '$$(HOME)', '$HOME $$ %s', '$', '$$$', 'no dollar'])('%s arrives as it is', (text) =>
  expect(expanded(literal(text))).toBe(text),
);

it('so does any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '(', ')', 'A') }), (text) =>
      expect(expanded(literal(text))).toBe(text),
    ),
  );
});
