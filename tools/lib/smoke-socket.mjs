// The WebSocket side of the smoke test.
import { CheckFailed } from './smoke-client.mjs';

const conversationTimeoutMs = 15_000;

/** Sends one request over `WS /v1/stream` and resolves with every frame up to `done` or `error`. */
export async function openConversation(client, request) {
  const { WebSocket } = await import('ws').catch(() => {
    throw new CheckFailed('the package ws is not installed: run npm ci');
  });
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${client.base.replace(/^http/, 'ws')}/v1/stream`, { headers: client.headers });
    const frames = [];
    const fail = (sentence) => {
      clearTimeout(timer);
      socket.terminate();
      reject(new CheckFailed(sentence));
    };
    const timer = setTimeout(
      () => fail(`no end within ${conversationTimeoutMs / 1000} s, ${frames.length} frames came`),
      conversationTimeoutMs,
    );
    socket.once('open', () => socket.send(JSON.stringify(request)));
    socket.on('message', (data) => {
      let frame;
      try {
        frame = JSON.parse(data.toString());
      } catch {
        return fail(`a frame is not JSON: ${data.toString().slice(0, 100)}`);
      }
      frames.push(frame);
      if (frame.type === 'done' || frame.type === 'error') {
        clearTimeout(timer);
        socket.close();
        resolve(frames);
      }
      return undefined;
    });
    socket.once('error', (error) => fail(error.message));
    socket.once('close', () => fail(`the server closed the socket after ${frames.length} frames`));
  });
}
