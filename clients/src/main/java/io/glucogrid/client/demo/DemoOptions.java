package io.glucogrid.client.demo;

import io.glucogrid.client.produce.Replay;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a demo was asked for.
 *
 * @param data file of readings; null generates a synthetic one
 * @param rate readings per second
 * @param readings how many, after which the demo checks and ends; 0 goes on until it is interrupted
 * @param workDir everything that the demo writes
 * @param kafkaPort port of the broker; 0 takes the usual one or the next free one
 * @param httpPort port of the first node's feature API, the others take the next ones; 0 leaves the choice to the nodes
 */
record DemoOptions(
        @Nullable Path data,
        int nodes,
        double rate,
        long readings,
        Replay.Order order,
        Path workDir,
        int kafkaPort,
        int httpPort) {
    static final String TOPIC = "cgm_readings";
    static final int PARTITIONS = 8;

    boolean isEndless() {
        return readings == 0;
    }

    Path logs() {
        return workDir.resolve("logs");
    }
}
