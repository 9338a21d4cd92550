// Once before a run of tests: names the database that specs copy theirs from. Whoever needs it first makes it.
import { randomBytes } from 'node:crypto';

export default function setUp() {
  process.env.COSTLANE_TEST_TEMPLATE_DATABASE = `costlane_template_${randomBytes(8).toString('hex')}`;
}
