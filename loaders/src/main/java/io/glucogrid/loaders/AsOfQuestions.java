package io.glucogrid.loaders;

import io.glucogrid.feature.Field;
import io.glucogrid.feature.ValueType;
import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import io.glucogrid.store.AsOfBatch;
import io.glucogrid.store.TableSchema;

/**
 * A batch of questions in the order of the tier: by bucket, join keys and time.
 *
 * <p>Times and keys are copied in that order: a walk that looked them up where they were asked would wait for memory at every
 * question.
 */
final class AsOfQuestions {
    private final AsOfBatch batch;
    private final Column[] keys;
    private final int[] order;

    private AsOfQuestions(AsOfBatch batch, Column[] keys, int[] order) {
        this.batch = batch;
        this.keys = keys;
        this.order = order;
    }

    /** INVALID_REQUEST where the keys are not those of the table. */
    static AsOfQuestions of(TableSchema schema, AsOfBatch batch) {
        Column[] keys = keys(schema, batch);
        RowOrder sorted = RowOrder.asTheyCame(batch.size()).by(batch.times());
        for (int i = keys.length - 1; i >= 0; i--) {
            sorted.by(keys[i]);
        }
        int[] order = sorted.byBucket(keys[0]).rows();
        AsOfBatch inOrder = batch.inOrder(order);
        return new AsOfQuestions(inOrder, keys(schema, inOrder), order);
    }

    private static Column[] keys(TableSchema schema, AsOfBatch batch) {
        long[] numbers = batch.numbers();
        if (numbers != null) {
            if (schema.joinKeys().size() != 1 || schema.joinKeys().get(0).type() != ValueType.INT64) {
                throw new GridException(
                        ErrorCode.INVALID_REQUEST,
                        "table '" + schema.name() + "' has other join keys than one of type INT64");
            }
            return new Column[] {Column.of(numbers)};
        }
        Column[] keys = new Column[schema.joinKeys().size()];
        for (int i = 0; i < keys.length; i++) {
            Field key = schema.joinKeys().get(i);
            keys[i] = new Column(key.type(), batch.size());
        }
        for (int question = 0; question < batch.size(); question++) {
            Object[] values = batch.joinKeys(question);
            RowBatch.checkKeys(schema, values);
            for (int i = 0; i < keys.length; i++) {
                keys[i].add(values[i]);
            }
        }
        return keys;
    }

    int size() {
        return order.length;
    }

    /** The questions in order. */
    AsOfBatch batch() {
        return batch;
    }

    /** The join keys in order. */
    Column[] keys() {
        return keys;
    }

    /** Which question of the batch that was given stands at a place. */
    int asked(int place) {
        return order[place];
    }

    int bucket(int place) {
        return keys[0].bucket(place);
    }

    boolean sameKeys(int place, int other) {
        for (Column key : keys) {
            if (key.compare(place, key, other) != 0) {
                return false;
            }
        }
        return true;
    }
}
