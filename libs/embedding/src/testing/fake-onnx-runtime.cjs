// Stands in for onnxruntime-node in specs. What the "model" does is in its file's name: `hidden` gives a vector a piece instead of one
// a text, `broken` cannot be loaded, `failing` rejects each run, `crashing` throws outside of any promise, `slow` takes its time.
const dimension = 32;

class Tensor {
  constructor(type, data, dims) {
    this.type = type;
    this.data = data;
    this.dims = dims;
  }
}

/** A fixed direction for a piece. */
function pieceVector(id) {
  let state = (id + 1) * 2_654_435_761;
  return Array.from({ length: dimension }, () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function hiddenStates({ input_ids, attention_mask }) {
  const [count, length] = input_ids.dims;
  const data = new Float32Array(count * length * dimension);
  input_ids.data.forEach((id, row) => {
    // Padding gets numbers that would show if they were counted in; the markers of all texts are the same.
    const vector = attention_mask.data[row] === 1n ? pieceVector(Number(id)) : new Array(dimension).fill(1_000);
    data.set(id < 2n && attention_mask.data[row] === 1n ? new Float32Array(dimension) : vector, row * dimension);
  });
  return new Tensor('float32', data, [count, length, dimension]);
}

function sentenceEmbedding(feeds) {
  const { data, dims } = hiddenStates(feeds);
  const [count, length] = dims;
  const sums = new Float32Array(count * dimension);
  for (let row = 0; row < count * length; row += 1) {
    if (feeds.attention_mask.data[row] !== 1n) continue;
    const text = Math.floor(row / length);
    for (let i = 0; i < dimension; i += 1) sums[text * dimension + i] += data[row * dimension + i];
  }
  return new Tensor('float32', sums, [count, dimension]);
}

const session = (file) => ({
  inputNames: file.includes('hidden')
    ? ['input_ids', 'attention_mask', 'token_type_ids']
    : ['input_ids', 'attention_mask'],
  outputNames: file.includes('hidden') ? ['last_hidden_state'] : ['last_hidden_state', 'sentence_embedding'],
  async run(feeds, [output]) {
    if (file.includes('failing')) throw new Error('no memory left');
    if (file.includes('crashing')) setImmediate(() => JSON.parse('{'));
    if (file.includes('crashing')) return new Promise(() => undefined);
    if (file.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 50));
    const result = output === 'sentence_embedding' ? sentenceEmbedding(feeds) : hiddenStates(feeds);
    return { [output]: result };
  },
});

module.exports = {
  Tensor,
  InferenceSession: {
    async create(file, options) {
      if (file.includes('broken')) throw new Error('protobuf parsing failed');
      if (options.intraOpNumThreads !== 1) throw new Error('one thread was asked for');
      return session(file);
    },
  },
};
