package io.glucogrid.plan;

import io.glucogrid.feature.Aggregation;
import io.glucogrid.feature.Definitions;
import io.glucogrid.feature.FeatureView;
import io.glucogrid.feature.Field;
import io.glucogrid.grid.Caches;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

/**
 * What becomes of the online rows of one view.
 *
 * @param rows how many rows there are now
 * @param newFeatures features that carried rows do not have, or windows that they do not fill; they come from history where the view was materialized or
 *     streamed, else with the next write
 */
public record OnlineImpact(String view, Action action, long rows, List<String> newFeatures) {
    public OnlineImpact {
        newFeatures = List.copyOf(newFeatures);
    }

    /** What happens to the rows. */
    public enum Action {
        /** The view is kept online from now on; it is empty until it is materialized, streamed or pushed to. */
        START,
        /** Rows move to the view's new layout. */
        REENCODE,
        /** The view is no longer kept online, and its rows go. */
        REMOVE
    }

    static List<OnlineImpact> of(Definitions before, Definitions after, ToLongFunction<FeatureView> rows) {
        List<OnlineImpact> impacts = new ArrayList<>();
        for (FeatureView view : after.views().values()) {
            FeatureView old = before.views().get(view.name());
            if (!view.online()) {
                continue;
            }
            if (old == null || !old.online()) {
                impacts.add(new OnlineImpact(view.name(), Action.START, 0, List.of()));
            } else if (!Caches.online(old).equals(Caches.online(view))) {
                impacts.add(new OnlineImpact(view.name(), Action.REENCODE, rows.applyAsLong(old), added(old, view)));
            }
        }
        for (FeatureView old : before.views().values()) {
            FeatureView view = after.views().get(old.name());
            if (old.online() && (view == null || !view.online())) {
                impacts.add(new OnlineImpact(old.name(), Action.REMOVE, rows.applyAsLong(old), List.of()));
            }
        }
        return impacts;
    }

    /** Stored features that rows did not have, and windows that reach further than the readings which rows carry. */
    private static List<String> added(FeatureView old, FeatureView view) {
        List<String> added = new ArrayList<>();
        for (Field feature : view.features()) {
            if (!old.features().contains(feature)) {
                added.add(feature.name());
            }
        }
        Set<String> kept = new HashSet<>();
        long longestMicros = 0;
        for (Aggregation aggregation : old.aggregations()) {
            kept.add(aggregation.column());
            longestMicros = Math.max(longestMicros, aggregation.windowMicros());
        }
        for (Aggregation aggregation : view.aggregations()) {
            if (!kept.contains(aggregation.column()) || aggregation.windowMicros() > longestMicros) {
                added.add(aggregation.name());
            }
        }
        return added;
    }
}
