/**
 * The forecaster: from the readings of one subject to a glucose forecast with an honest interval, in plain Java and without a
 * grid. Not a medical device.
 */
@NullMarked
package io.glucogrid.forecast;

import org.jspecify.annotations.NullMarked;
