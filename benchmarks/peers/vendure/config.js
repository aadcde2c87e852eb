"use strict";
// The configuration that Vendure's own template makes, in production: without search, mails, assets and dashboard.
const { DefaultJobQueuePlugin, DefaultLogger, DefaultSchedulerPlugin, LogLevel, dummyPaymentHandler } = require("@vendure/core");

exports.config = {
  apiOptions: { hostname: "127.0.0.1", port: 0 },
  authOptions: { tokenMethod: "bearer", superadminCredentials: { identifier: "admin", password: process.env.PEER_SECRET } },
  dbConnectionOptions: {
    type: "postgres",
    url: process.env.PEER_DATABASE_URL,
    synchronize: false,
    logging: false,
    extra: { max: 16 }, // as many connections a process as ours
  },
  logger: new DefaultLogger({ level: LogLevel.Info, timestamp: false }),
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  plugins: [DefaultSchedulerPlugin.init(), DefaultJobQueuePlugin.init({ useDatabaseForBuffer: true })],
};
