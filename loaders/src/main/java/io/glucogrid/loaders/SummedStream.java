package io.glucogrid.loaders;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32C;
import org.apache.parquet.io.PositionOutputStream;

/** Counts and sums what is written and, before it is closed, makes it durable. */
final class SummedStream extends PositionOutputStream {
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream target;
    private final OutputStream out;
    private final CRC32C checksum;
    private final Sync sync;
    private long position;
    private boolean closed;

    SummedStream(OutputStream target, CRC32C checksum, Sync sync) {
        this.target = target;
        this.out = new BufferedOutputStream(target, BUFFER_BYTES);
        this.checksum = checksum;
        this.sync = sync;
    }

    /** Makes durable what was written. */
    interface Sync {
        void force() throws IOException;
    }

    @Override
    public long getPos() {
        return position;
    }

    @Override
    public void write(int value) throws IOException {
        out.write(value);
        checksum.update(value);
        position++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        checksum.update(bytes, offset, length);
        position += length;
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try (target) {
                out.flush();
                sync.force();
            }
        }
    }
}
