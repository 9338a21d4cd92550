/** What stands in a heap knows its place there, so that it can leave from the middle. -1: in none. */
export interface HeapNode {
  heapIndex: number;
}

/** A binary heap whose nodes may leave or change their rank at any time, in O(log n). A node is in one heap at a time. */
export class IndexedHeap<T extends HeapNode> {
  private readonly nodes: T[] = [];

  constructor(private readonly goesBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.nodes.length;
  }

  first(): T | undefined {
    return this.nodes[0];
  }

  push(node: T): void {
    this.nodes.push(node);
    this.settle(node, this.nodes.length - 1);
  }

  /** The node's rank has changed. */
  moved(node: T): void {
    this.settle(node, node.heapIndex);
  }

  remove(node: T): void {
    const index = node.heapIndex;
    if (this.nodes[index] !== node) return;
    node.heapIndex = -1;
    const last = this.nodes.pop();
    if (last && last !== node) this.settle(last, index);
  }

  private settle(node: T, start: number): void {
    const { nodes } = this;
    let index = start;
    while (index > 0) {
      const parent = nodes[(index - 1) >> 1] as T;
      if (!this.goesBefore(node, parent)) break;
      this.put(parent, index);
      index = (index - 1) >> 1;
    }
    for (;;) {
      const left = nodes[2 * index + 1];
      if (!left) break;
      const right = nodes[2 * index + 2];
      const isRight = right !== undefined && this.goesBefore(right, left);
      const child = isRight ? right : left;
      if (!this.goesBefore(child, node)) break;
      const childIndex = 2 * index + (isRight ? 2 : 1);
      this.put(child, index);
      index = childIndex;
    }
    this.put(node, index);
  }

  private put(node: T, index: number): void {
    this.nodes[index] = node;
    node.heapIndex = index;
  }
}
