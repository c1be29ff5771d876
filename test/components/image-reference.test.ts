import { isImageReference } from '../../components/image-reference';

const DIGEST = `sha256:${'a'.repeat(64)}`;

it.each([
  'nginx',
  'nginx:1.26-bookworm',
  'shop/api:1',
  'localhost/api',
  'localhost:5000/shop/api:1',
  'registry.example.com/shop/api',
  'Registry.Example.com/shop/api',
  'registry:5000/api',
  '[::1]:5000/api',
  '123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop/user-service:abc',
  'shop__api/a_b/c--d.e',
  `shop/api@${DIGEST}`,
  `shop/api:1@${DIGEST}`,
  DIGEST,
])('%s is one', (text) => expect(isImageReference(text)).toBe(true));

it.each([
  '',
  'Nginx',
  'Shop/api',
  'shop/Api',
  'shop//api',
  '/api',
  'api/',
  'shop api',
  'api:',
  ':1',
  'api:a b',
  `api:${'x'.repeat(129)}`,
  'api@sha256:abc',
  'https://registry.example.com/api',
  'a___b',
  '-api',
  'api\n',
  'x'.repeat(256),
])('%j is none', (text) => expect(isImageReference(text)).toBe(false));
