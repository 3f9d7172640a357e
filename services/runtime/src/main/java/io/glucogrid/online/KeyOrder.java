package io.glucogrid.online;

import io.glucogrid.feature.EntityKey;
import io.glucogrid.store.HistoryKey;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A total order of cache keys: every batch locks its entries in the same order, whichever node sends it, so two batches never
 * wait for each other.
 */
final class KeyOrder implements Comparator<Object> {
    static final KeyOrder INSTANCE = new KeyOrder();

    private KeyOrder() {}

    @Override
    public int compare(Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (left instanceof HistoryKey a && right instanceof HistoryKey b) {
            int entity = compareAll(a.joinKeys(), b.joinKeys());
            return entity != 0 ? entity : Long.compare(a.eventMicros(), b.eventMicros());
        }
        if (left instanceof EntityKey && right instanceof EntityKey) {
            return compareAll(EntityKey.joinKeys(left), EntityKey.joinKeys(right));
        }
        return compareValues(left, right);
    }

    private static int compareAll(Object[] left, Object[] right) {
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            int order = compareValues(left[i], right[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length, right.length);
    }

    @SuppressWarnings("unchecked") // equal classes, and every join-key class but byte[] compares with itself
    private static int compareValues(Object left, Object right) {
        if (left.getClass() != right.getClass()) {
            return left.getClass().getName().compareTo(right.getClass().getName());
        }
        if (left instanceof byte[] bytes) {
            return Arrays.compare(bytes, (byte[]) right);
        }
        return ((Comparable<Object>) left).compareTo(right);
    }
}
