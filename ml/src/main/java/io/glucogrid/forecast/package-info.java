/**
 * The forecaster: from the readings of one subject to a glucose forecast with an honest interval, in plain Java and without a
 * grid.
 *
 * <p>Readings become slots of five minutes ({@link io.glucogrid.forecast.SubjectSeries} for history, {@link
 * io.glucogrid.forecast.SubjectState} online), slots become ten features ({@link io.glucogrid.forecast.CompactFeatures}), and all
 * models are linear in these:
 *
 * <ul>
 *   <li>v2, pooled: least squares on everybody's examples, that is on the sum of everybody's {@link
 *       io.glucogrid.forecast.GramSums};
 *   <li>v3, personal: the same for one subject, shrunk towards v2 with the weight of λ rows. The gain over v2 is the subject's own
 *       dynamics, not an intercept;
 *   <li>v4, online: v3 that learns from each label as it matures ({@link io.glucogrid.forecast.RecursiveLeastSquares}; in the grid
 *       {@link io.glucogrid.forecast.Forecaster} on the state's sums), phased in over the first day of wear;
 *   <li>v5, robust: v3 for the median instead of the mean ({@link io.glucogrid.forecast.RobustFit}).
 * </ul>
 *
 * <p>Any of them carries an {@link io.glucogrid.forecast.ErrorModel}, from which intervals and the probabilities of a low or a high
 * follow. {@link io.glucogrid.forecast.ForecastTrainer} fits all of it; {@code glucogrid evaluate} says how good it is, on held-out
 * readings of people. Glucose alone does not know of meals, insulin or sport, which bounds what any such forecast can do.
 *
 * <p>Not a medical device: no treatment may be decided by it.
 */
@NullMarked
package io.glucogrid.forecast;

import org.jspecify.annotations.NullMarked;
