import { Module } from '@nestjs/common';

/** The gateway's doors are raw routes, for the hot ones must not pay for a framework; its parts are put together in `runtime.ts`. */
@Module({})
export class AppModule {}
