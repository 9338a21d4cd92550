import { startMockLlm } from './create-mock-llm';

/** Writes one JSON log line in the shape of the services' logs (pino: level 30 is info, 60 fatal). */
function log(level: number, msg: string, fields: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ level, time: Date.now(), name: 'mock-llm', ...fields, msg })}\n`);
}

async function main(): Promise<void> {
  const port = Number(process.env['MOCK_LLM_PORT'] ?? 8090);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`MOCK_LLM_PORT must be a port number, got "${process.env['MOCK_LLM_PORT']}"`);
  }
  const host = process.env['MOCK_LLM_HOST'] ?? '127.0.0.1';
  const models = process.env['MOCK_LLM_MODELS']?.split(',');
  const mock = await startMockLlm({ port, host, models });
  const stop = (): void => {
    void mock.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  log(30, 'listening', { url: mock.url, pid: process.pid });
}

main().catch((error: unknown) => {
  log(60, 'could not start', { error: error instanceof Error ? error.message : String(error) });
  process.exit(1);
});
