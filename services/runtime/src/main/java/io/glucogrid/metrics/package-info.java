/** Latencies of ours and metrics of Ignite, as Prometheus text. */
@NullMarked
package io.glucogrid.metrics;

import org.jspecify.annotations.NullMarked;
