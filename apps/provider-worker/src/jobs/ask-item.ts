import type { ItemReply } from '@costlane/contracts';
import type { ItemAsking } from '@costlane/lanes';

/** Asks some gateway something of an item; `ask` of `createItemReplies`, whose rejections it has. */
export type AskItem = (asking: ItemAsking, options: { signal?: AbortSignal }) => Promise<ItemReply>;
