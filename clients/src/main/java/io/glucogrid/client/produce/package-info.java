/** Replays readings to Kafka at a given rate. */
@NullMarked
package io.glucogrid.client.produce;

import org.jspecify.annotations.NullMarked;
