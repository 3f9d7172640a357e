package io.glucogrid.evaluation;

import java.util.Arrays;

/**
 * How well the probability of a reading below 70 mg/dL within the horizon ranks and predicts such readings, over anchors that are
 * not low already.
 *
 * @param prevalence share of anchors with such a reading to come, in per cent
 * @param averagePrecision area under precision over recall
 * @param brier mean squared error of the probability
 */
record RiskScore(double prevalence, double averagePrecision, double brier) {

    static RiskScore of(double[] probability, boolean[] happened) {
        int n = probability.length;
        Integer[] order = new Integer[n];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(probability[b], probability[a]));
        int events = 0;
        double brier = 0;
        for (int i = 0; i < n; i++) {
            double outcome = happened[i] ? 1 : 0;
            events += happened[i] ? 1 : 0;
            brier += (probability[i] - outcome) * (probability[i] - outcome);
        }
        double area = 0;
        int hits = 0;
        int i = 0;
        while (i < n) {
            int j = i;
            int hitsBefore = hits;
            while (j < n && probability[order[j]] == probability[order[i]]) {
                hits += happened[order[j]] ? 1 : 0;
                j++;
            }
            area += (hits - hitsBefore) / (double) Math.max(1, events) * hits / j;
            i = j;
        }
        return new RiskScore(100.0 * events / Math.max(1, n), area, brier / Math.max(1, n));
    }
}
