package io.glucogrid.loaders;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.io.SeekableInputStream;

/** A stream for Parquet whose reads into buffers are reads into arrays. */
abstract class ArrayReads extends SeekableInputStream {
    @Override
    public final void readFully(byte[] bytes) throws IOException {
        readFully(bytes, 0, bytes.length);
    }

    @Override
    public final int read(ByteBuffer target) throws IOException {
        byte[] bytes = target.hasArray() ? target.array() : new byte[target.remaining()];
        int offset = target.hasArray() ? target.arrayOffset() + target.position() : 0;
        int read = read(bytes, offset, target.remaining());
        if (read > 0 && target.hasArray()) {
            target.position(target.position() + read);
        } else if (read > 0) {
            target.put(bytes, 0, read);
        }
        return read;
    }

    @Override
    public final void readFully(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (read(target) < 0) {
                throw new EOFException("the file ends " + target.remaining() + " bytes too early");
            }
        }
    }
}
