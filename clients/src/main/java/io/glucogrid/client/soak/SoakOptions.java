package io.glucogrid.client.soak;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a soak does.
 *
 * @param work directory of everything it writes
 * @param readings how many
 * @param perSecond pace
 * @param limit longest that readings are sent
 * @param faultEvery time from one fault's end to the next; zero for none
 * @param calm time at the end without faults
 */
record SoakOptions(
        Path work, int nodes, long readings, double perSecond, Duration limit, Duration faultEvery, Duration calm) {}
