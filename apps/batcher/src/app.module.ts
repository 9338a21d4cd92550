import { Module } from '@nestjs/common';

/** The batcher has no doors but its operational routes; its parts are put together in `runtime.ts`. */
@Module({})
export class AppModule {}
