package io.glucogrid.evaluation;

import java.util.List;
import java.util.Set;

/**
 * The random splits of GlucoBench's Hall data as numbers, so that no generator of another language needs imitating: for each seed the
 * six subjects held out, and the sizes that the benchmark's own logs give for its parts, by which a file proves to be the whole
 * cohort.
 */
final class GlucoBenchSplits {
    /** Subjects of the cohort. */
    static final int SUBJECTS = 57;

    /** Points on the five-minute grid. */
    static final int POINTS = 93_384;

    /** Segments kept. */
    static final int SEGMENTS = 152;

    /** Points of the grid or of the data that the other lacks, which the benchmark logs as interpolated. */
    static final int INTERPOLATED = 8_003;

    /**
     * One split.
     *
     * @param heldOut subjects that no model is fitted on, ids without dashes
     * @param counts points in train, validation, test and held-out parts, then windows in test and held-out
     */
    record Split(int seed, Set<Long> heldOut, List<Integer> counts) {}

    private GlucoBenchSplits() {}

    /** The seeds over which the benchmark averages linear models. */
    static final List<Split> LINEAR = List.of(
            split(
                    10,
                    List.of(63445, 12166, 16009, 9684, 1407, 1232),
                    163669032L,
                    1636701002L,
                    1636701010L,
                    2133007L,
                    2133010L,
                    2133012L),
            split(
                    11,
                    List.of(63249, 12497, 16368, 9478, 1466, 1123),
                    163669069L,
                    1636701005L,
                    2133001L,
                    2133021L,
                    2133024L,
                    2133036L),
            split(
                    12,
                    List.of(62878, 12502, 16426, 9642, 1477, 1175),
                    163669060L,
                    163669064L,
                    2133006L,
                    2133025L,
                    2133036L,
                    2133040L),
            split(
                    13,
                    List.of(63355, 12166, 16278, 9649, 1453, 1071),
                    163669001L,
                    163669035L,
                    163669111L,
                    2133002L,
                    2133011L,
                    2133037L),
            split(
                    14,
                    List.of(63970, 12502, 16207, 8913, 1441, 1052),
                    163669028L,
                    163669053L,
                    163669111L,
                    2133010L,
                    2133039L,
                    2133041L),
            split(
                    15,
                    List.of(62763, 11344, 16397, 10512, 1471, 1369),
                    163669111L,
                    1636701008L,
                    2133001L,
                    2133018L,
                    2133022L,
                    2133025L),
            split(
                    16,
                    List.of(62059, 11494, 16330, 10701, 1459, 1506),
                    163669032L,
                    163669091L,
                    1636701005L,
                    2133004L,
                    2133018L,
                    2133019L),
            split(
                    17,
                    List.of(62375, 12166, 16481, 10138, 1485, 1284),
                    163669069L,
                    163669123L,
                    2133003L,
                    2133008L,
                    2133020L,
                    2133040L),
            split(
                    18,
                    List.of(62790, 12430, 16398, 9830, 1472, 1130),
                    163669100L,
                    2133006L,
                    2133010L,
                    2133013L,
                    2133019L,
                    2133027L),
            split(
                    19,
                    List.of(63058, 12013, 16332, 9901, 1461, 1295),
                    163669053L,
                    2133006L,
                    2133010L,
                    2133020L,
                    2133027L,
                    2133035L));

    /** The seeds over which the benchmark averages its other models. */
    static final List<Split> DEEP = List.of(
            split(
                    1,
                    List.of(62090, 12502, 16648, 10208, 1514, 1217),
                    163669028L,
                    1636701005L,
                    2133012L,
                    2133013L,
                    2133026L,
                    2133028L),
            split(
                    2,
                    List.of(64804, 12349, 16419, 8164, 1476, 878),
                    2133007L,
                    2133012L,
                    2133017L,
                    2133035L,
                    2133036L,
                    2133039L));

    private static Split split(int seed, List<Integer> counts, Long... heldOut) {
        return new Split(seed, Set.of(heldOut), counts);
    }
}
