import { mapField, mapItems, mapString, type JsonObject, type TextMapper } from './map-texts';

/** Maps the texts of an OpenAI embeddings body: `input`, a string or a list of them (lists of tokens are left alone), and `user`. */
export function mapOpenAiEmbeddings(body: JsonObject, mapper: TextMapper): JsonObject {
  const text = mapString(mapper);
  const result = mapField(body, 'input', (input) =>
    typeof input === 'string' ? mapper(input) : mapItems(input, text),
  );
  return mapField(result, 'user', text);
}
