import { mergeConfig } from './stack-config';

const file = `# dev
config:
  shop:target: docker
  shop:services:
    product:
      replicas: 2
  "shop:quoted": yes
encryptionsalt: v1:abc
`;

describe('changing a stack configuration', () => {
  it('replaces a key and leaves every other line', () => {
    expect(mergeConfig(file, { 'shop:target': 'x' })).toBe(
      file.replace('config:\n  shop:target: docker', 'config:\n  "shop:target": "x"'),
    );
  });
  it('replaces a structured key with all its lines', () => {
    const text = mergeConfig(file, { 'shop:services': { product: { replicas: 5 } } });
    expect(text).toContain('  "shop:services": {"product":{"replicas":5}}\n');
    expect(text).not.toContain('replicas: 2');
    expect(text).toContain('"shop:quoted": yes');
  });
  it('removes a key', () => {
    expect(mergeConfig(file, { 'shop:quoted': undefined })).toBe(file.replace('  "shop:quoted": yes\n', ''));
  });
  it('keeps newlines, quotes and dollars of a value', () => {
    expect(mergeConfig('', { 'a:b': 'x\n"$%' })).toBe('config:\n  "a:b": "x\\n\\"$%"\n');
  });
  it('fills an empty configuration', () => {
    expect(mergeConfig('config: {}\n', { 'a:b': 1 })).toBe('config:\n  "a:b": 1\n');
  });
});
