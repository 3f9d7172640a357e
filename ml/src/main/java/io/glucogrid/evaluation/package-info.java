/**
 * How good a forecast is, by protocols that others can repeat: error grids, intervals, a causal split of every subject's wear, and
 * the published GlucoBench protocol. Never to be quoted on synthetic data; not a medical device.
 */
@NullMarked
package io.glucogrid.evaluation;

import org.jspecify.annotations.NullMarked;
