import { BinaryReader } from '@bufbuild/protobuf/wire';

interface DescriptorFile {
  name: string;
  bytes: Uint8Array;
  dependencies: string[];
  symbols: string[];
}

/** Field numbers of google/protobuf/descriptor.proto that matter here. */
const SET_FILE = 1;
const FILE = { name: 1, package: 2, dependency: 3, message: 4, enum: 5, service: 6 };
const MESSAGE = { name: 1, field: 2, nested: 3, enum: 4 };
const NAME = 1;
const MEMBER = 2;
const LENGTH_DELIMITED = 2;

/** Finds the files of a FileDescriptorSet by name or by a symbol that they define. */
export class DescriptorIndex {
  private readonly byName = new Map<string, DescriptorFile>();
  private readonly bySymbol = new Map<string, DescriptorFile>();

  constructor(descriptorSet: Uint8Array) {
    eachField(descriptorSet, (number, value) => {
      if (number !== SET_FILE) return;
      const file = readFile(value);
      this.byName.set(file.name, file);
      for (const symbol of file.symbols) this.bySymbol.set(symbol, file);
    });
  }

  /** The file and all that it imports, directly or not; undefined when there is none of this name. */
  filesByName(name: string): Uint8Array[] | undefined {
    const file = this.byName.get(name);
    return file && this.withDependencies(file);
  }

  /** The same for the file that defines a message, enum, service, method or field, named in full. */
  filesBySymbol(symbol: string): Uint8Array[] | undefined {
    const file = this.bySymbol.get(symbol);
    return file && this.withDependencies(file);
  }

  private withDependencies(file: DescriptorFile): Uint8Array[] {
    const seen = new Set([file]);
    for (const one of seen) {
      for (const name of one.dependencies) {
        const dependency = this.byName.get(name);
        if (dependency) seen.add(dependency);
      }
    }
    return [...seen].map((one) => one.bytes);
  }
}

function readFile(bytes: Uint8Array): DescriptorFile {
  const file: DescriptorFile = { name: '', bytes, dependencies: [], symbols: [] };
  const declarations: { number: number; value: Uint8Array }[] = [];
  let packageName = '';
  eachField(bytes, (number, value) => {
    if (number === FILE.name) file.name = text(value);
    else if (number === FILE.package) packageName = text(value);
    else if (number === FILE.dependency) file.dependencies.push(text(value));
    else if (number === FILE.message || number === FILE.enum || number === FILE.service)
      declarations.push({ number, value });
  });
  for (const { number, value } of declarations) {
    if (number === FILE.message) addMessage(value, packageName, file.symbols);
    else addNamed(value, packageName, file.symbols);
  }
  return file;
}

function addMessage(bytes: Uint8Array, scope: string, symbols: string[]): void {
  const name = addNamed(bytes, scope, symbols);
  eachField(bytes, (number, value) => {
    if (number === MESSAGE.nested) addMessage(value, name, symbols);
    else if (number === MESSAGE.enum) addNamed(value, name, symbols);
  });
}

/** A message, enum or service with its direct members: in all three the name is field 1 and the members are field 2. */
function addNamed(bytes: Uint8Array, scope: string, symbols: string[]): string {
  let name = '';
  const members: string[] = [];
  eachField(bytes, (number, value) => {
    if (number === NAME) name = text(value);
    else if (number === MEMBER) members.push(nameOf(value));
  });
  const full = scope ? `${scope}.${name}` : name;
  symbols.push(full, ...members.map((member) => `${full}.${member}`));
  return full;
}

function nameOf(bytes: Uint8Array): string {
  let name = '';
  eachField(bytes, (number, value) => {
    if (number === NAME) name = text(value);
  });
  return name;
}

/** Calls back for every length-delimited field; the others are passed over. */
function eachField(bytes: Uint8Array, visit: (number: number, value: Uint8Array) => void): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === LENGTH_DELIMITED) visit(number, reader.bytes());
    else reader.skip(wireType);
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
