package io.glucogrid.loaders;

import io.glucogrid.store.SegmentInfo;
import java.util.Collection;
import java.util.function.Consumer;

/** A board that does what another does, for tests that change one thing about it. */
class BoardDecorator implements SegmentBoard {
    private final SegmentBoard board;

    BoardDecorator(SegmentBoard board) {
        this.board = board;
    }

    @Override
    public String token(String table, boolean mayWait) {
        return board.token(table, mayWait);
    }

    @Override
    public void announced(String table, boolean mayWait, Consumer<SegmentInfo> segments) {
        board.announced(table, mayWait, segments);
    }

    @Override
    public Change announce(String table, Collection<SegmentInfo> segments) {
        return board.announce(table, segments);
    }

    @Override
    public void withdraw(Collection<SegmentInfo> segments) {
        board.withdraw(segments);
    }

    @Override
    public Change invalidate(String table) {
        return board.invalidate(table);
    }

    @Override
    public long topology() {
        return board.topology();
    }
}
