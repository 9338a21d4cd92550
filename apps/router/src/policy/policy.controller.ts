import { Controller, Get, Inject } from '@nestjs/common';
import { successEnvelope } from '@costlane/platform';
import { POLICY_SERVICE, POLICY_SUBSCRIBERS } from '../tokens';
import type { PolicySubscribers } from './policy-subscribers';
import type { PolicyService } from './policy.service';
import { renderModel, renderPolicy } from './render-policy';

/** What operators ask over HTTP. A policy holds no addresses and no keys, so all of it may be shown. */
@Controller()
export class PolicyController {
  constructor(
    @Inject(POLICY_SERVICE) private readonly policies: PolicyService,
    @Inject(POLICY_SUBSCRIBERS) private readonly subscribers: PolicySubscribers,
  ) {}

  @Get('internal/policy')
  policy() {
    return successEnvelope(renderPolicy(this.policies.current(), this.subscribers.states()));
  }

  @Get('models')
  models() {
    return successEnvelope([...this.policies.current().models.values()].map(renderModel));
  }
}
