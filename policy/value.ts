// Reading what a resource is given. A value that depends on what does not exist yet is not known in a preview: whatever is
// read from it is unknown as well, which is neither absent nor wrong.

/** In place of a value that is not known yet. */
export const UNKNOWN = Symbol('unknown');

/** How Pulumi writes unknown values of each type where it has only JSON for them. */
const SENTINELS = new Set([
  '04da6b54-80e4-46f7-96ec-b56ff0331ba9',
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** A value and where it stands, such as `spec.template.spec.containers[0].image`. */
export class Value {
  constructor(
    readonly raw: unknown,
    readonly path = '',
  ) {
    if (typeof raw === 'string' && SENTINELS.has(raw)) this.raw = UNKNOWN;
  }

  get isUnknown(): boolean {
    return this.raw === UNKNOWN;
  }

  /** Whether it is known that nothing is given. */
  get isAbsent(): boolean {
    return this.raw === undefined || this.raw === null;
  }

  /** Whether it is known that something is given. */
  get isSet(): boolean {
    return !this.isUnknown && !this.isAbsent;
  }

  get string(): string | undefined {
    return typeof this.raw === 'string' ? this.raw : undefined;
  }

  /** A number, also where a provider has made a string of it. */
  get number(): number | undefined {
    if (typeof this.raw === 'number') return this.raw;
    return this.string === undefined || this.string.trim() === '' || Number.isNaN(Number(this.string))
      ? undefined
      : Number(this.string);
  }

  /** Whether it is known to be true, also where a provider has made a string of it. */
  get isTrue(): boolean {
    return this.raw === true || this.raw === 'true';
  }

  /** Whether it is known to be false or absent. */
  get isOff(): boolean {
    return this.isAbsent || this.raw === false || this.raw === 'false';
  }

  /** A property at a path of names, `spec.template.spec`. */
  at(path: string): Value {
    return path.split('.').reduce<Value>((value, name) => value.get(name), this);
  }

  /** One property, whose name may have dots in it. */
  get(name: string): Value {
    const path = this.path === '' ? name : `${this.path}.${name}`;
    if (this.isUnknown) return new Value(UNKNOWN, path);
    const isObject = typeof this.raw === 'object' && this.raw !== null && !Array.isArray(this.raw);
    return new Value(
      isObject && Object.hasOwn(this.raw, name) ? (this.raw as Record<string, unknown>)[name] : undefined,
      path,
    );
  }

  /** What a list holds; nothing if it is not a list, or unknown. */
  items(): Value[] {
    return Array.isArray(this.raw)
      ? this.raw.map((item: unknown, index) => new Value(item, `${this.path}[${index}]`))
      : [];
  }

  /** What a list holds, or the one value where a list of one may be written without brackets. */
  list(): Value[] {
    if (Array.isArray(this.raw)) return this.items();
    return this.isSet ? [this] : [];
  }

  /** Names and values of an object; nothing if it is not an object, or unknown. */
  entries(): [name: string, value: Value][] {
    if (typeof this.raw !== 'object' || this.raw === null || Array.isArray(this.raw)) return [];
    return Object.keys(this.raw)
      .filter((name) => name !== '__defaults')
      .map((name) => [name, this.get(name)]);
  }

  /** Another value that stands at the same path. */
  replaced(raw: unknown): Value {
    return new Value(raw, this.path);
  }

  /** What a string of JSON means, or the value itself; unknown if it is not JSON. */
  json(): Value {
    if (this.string === undefined) return this;
    try {
      return new Value(JSON.parse(this.string), this.path);
    } catch {
      return new Value(UNKNOWN, this.path);
    }
  }
}
