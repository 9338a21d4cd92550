import {
  AnomalyServiceClient,
  type AlertsReply,
  type AnomaliesReply,
  type JudgeAnomalyRequest,
  type ListAlertsRequest,
  type ListAnomaliesRequest,
  type TestAlertReply,
  type TestAlertRequest,
} from '@costlane/contracts';
import { credentials } from '@grpc/grpc-js';
import { askService } from './ask-service';

/** Anomalies and alerts, which cost-attribution keeps; replies are as its service gives them. Each rejects with a `CostlaneError`. */
export interface AnomalyAdmin {
  list(request: ListAnomaliesRequest): Promise<unknown>;
  judge(request: JudgeAnomalyRequest): Promise<unknown>;
  alerts(request: ListAlertsRequest): Promise<unknown>;
  /** Empty: all sinks. */
  test(sink: string): Promise<unknown>;
}

const LEDGER = 'cost-attribution';
/** A sink has ten seconds for each of two messages. */
const TEST_TIMEOUT_MS = 25_000;

export function createAnomalyAdmin(address: string): AnomalyAdmin & { close(): void } {
  const client = new AnomalyServiceClient(address, credentials.createInsecure());
  const read = async (reply: Promise<{ json: string }>): Promise<unknown> => JSON.parse((await reply).json) as unknown;
  return {
    list: (request) =>
      read(
        askService<ListAnomaliesRequest, AnomaliesReply>((...args) => client.listAnomalies(...args), request, LEDGER),
      ),
    judge: (request) =>
      read(askService<JudgeAnomalyRequest, AnomaliesReply>((...args) => client.judgeAnomaly(...args), request, LEDGER)),
    alerts: (request) =>
      read(askService<ListAlertsRequest, AlertsReply>((...args) => client.listAlerts(...args), request, LEDGER)),
    test: (sink) =>
      read(
        askService<TestAlertRequest, TestAlertReply>(
          (...args) => client.testAlert(...args),
          { sink },
          LEDGER,
          TEST_TIMEOUT_MS,
        ),
      ),
    close: () => client.close(),
  };
}
