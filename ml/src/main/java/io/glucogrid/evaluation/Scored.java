package io.glucogrid.evaluation;

import org.jspecify.annotations.Nullable;

/**
 * One line of the table: a model at a horizon under a protocol.
 *
 * @param intervals null where the protocol gives no rows to calibrate on
 * @param lambda weight of the population in personal coefficients, as chosen for this horizon
 */
record Scored(
        String protocol,
        String model,
        int horizonMinutes,
        Accuracy accuracy,
        @Nullable IntervalScore intervals,
        @Nullable RiskScore risk,
        double lambda) {}
