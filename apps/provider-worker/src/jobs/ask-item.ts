import type { ItemReply, ItemTask } from '@costlane/contracts';

/** What a gateway is asked of an item; its name and where its reply goes are the asking's own matter. */
export type ItemAsking = Omit<ItemTask, 'v' | 'taskId' | 'replyTo'>;

/**
 * Asks some gateway something of an item, and resolves with what it says. Rejects when the signal is aborted, when nothing came by the
 * task's deadline, or when it could not be asked.
 */
export type AskItem = (task: ItemAsking, options: { signal: AbortSignal }) => Promise<ItemReply>;
