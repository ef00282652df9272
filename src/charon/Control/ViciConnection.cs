// One client's stream: segments in, one at a time; segments out, through a bounded queue.
using System.Buffers.Binary;
using System.Threading.Channels;
using Cygnet.Charon.Logging;
using Cygnet.Control;
using Cygnet.Ike;

namespace Cygnet.Charon.Control;

/// <summary>A client that does not read what is sent to it is disconnected when its queue is full.</summary>
sealed class ViciConnection
{
    /// <summary>Bounds of the queue towards the client.</summary>
    public const int MaxQueuedBytes = 64 << 20, MaxQueuedSegments = 100_000;

    /// <summary>A command that streams waits while more than this is queued.</summary>
    const int StreamBytes = 1 << 20;

    /// <summary>So much is written at once, if so much waits.</summary>
    const int WriteBytes = 64 << 10;

    /// <summary>The longest segment that is given room before any of it has come.</summary>
    const int FirstBytes = 16 << 10;

    static readonly TimeSpan StreamPatience = TimeSpan.FromMinutes(2);

    readonly Stream _client;
    readonly Session _session;
    readonly Log _log;
    readonly Channel<byte[]> _out = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    Task _writing = Task.CompletedTask;
    long _queuedBytes;
    int _queuedSegments;
    volatile TaskCompletionSource? _room;

    /// <summary>Takes the stream to the client over, and closes it in the end.</summary>
    public ViciConnection(Stream client, Commands commands, EventHub hub, Log log)
    {
        _client = client;
        _log = log;
        _session = new Session(commands, hub, Enqueue, WaitForRoom);
    }

    /// <summary>Serves the client until it goes or breaks the protocol.</summary>
    public async Task Run()
    {
        _session.Open();
        _writing = Task.Run(Write);
        try
        {
            await Read().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client is gone, or Abort closed the stream: nothing is owed to it any more.
        }
        finally
        {
            _session.Close();
            _out.Writer.TryComplete();
            // Who has sent his last request may still read; who does not is not waited for.
            try { await _writing.WaitAsync(StreamPatience).ConfigureAwait(false); }
            catch (TimeoutException) { }
            await _client.DisposeAsync().ConfigureAwait(false);
        }
    }

    async Task Read()
    {
        var header = new byte[Vici.LengthBytes];
        while (await Fill(header).ConfigureAwait(false))
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(header);
            if (length > Vici.MaxSegment)
            {
                _log.Write(LogGroup.Cfg, 1, $"vici segment of {length} bytes exceeds the limit of {Vici.MaxSegment}, closing the connection");
                return;
            }
            if (await Body((int)length).ConfigureAwait(false) is not { } body) return;
            await _session.Receive(body).ConfigureAwait(false);
        }
    }

    // Grows with what comes: a length alone takes no memory.
    async Task<byte[]?> Body(int length)
    {
        var body = new byte[Math.Min(length, FirstBytes)];
        for (var at = 0; ; Array.Resize(ref body, Math.Min(length, body.Length * 2)))
        {
            if (!await Fill(body.AsMemory(at)).ConfigureAwait(false)) return null;
            at = body.Length;
            if (at == length) return body;
        }
    }

    async Task<bool> Fill(Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var n = await _client.ReadAsync(buffer).ConfigureAwait(false);
            if (n == 0) return false;
            buffer = buffer[n..];
        }
        return true;
    }

    void Enqueue(byte[] segment)
    {
        var bytes = Interlocked.Add(ref _queuedBytes, segment.Length);
        var segments = Interlocked.Increment(ref _queuedSegments);
        if (bytes > MaxQueuedBytes || segments > MaxQueuedSegments)
        {
            Abort("does not read what is sent to it");
            return;
        }
        _out.Writer.TryWrite(segment);
    }

    async Task Write()
    {
        try
        {
            byte[]? together = null;
            while (await _out.Reader.WaitToReadAsync().ConfigureAwait(false))
                while (_out.Reader.TryRead(out var first))
                {
                    // Of a listing thousands wait: not a system call for each of them.
                    ReadOnlyMemory<byte> bytes = first;
                    var segments = 1;
                    for (; _out.Reader.TryPeek(out var next) && bytes.Length + next.Length <= WriteBytes; segments++)
                    {
                        together ??= new byte[WriteBytes];
                        if (segments == 1) first.CopyTo(together, 0);
                        next.CopyTo(together, bytes.Length);
                        bytes = together.AsMemory(0, bytes.Length + next.Length);
                        _out.Reader.TryRead(out _);
                    }
                    await _client.WriteAsync(bytes).ConfigureAwait(false);
                    Interlocked.Add(ref _queuedSegments, -segments);
                    if (Interlocked.Add(ref _queuedBytes, -bytes.Length) <= StreamBytes) _room?.TrySetResult();
                }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _session.Close();
            _out.Writer.TryComplete();
        }
        finally
        {
            _room?.TrySetResult();
            // A command of a client that is gone may run on for long: what it was owed does not wait for that.
            while (_out.Reader.TryRead(out _)) { }
        }
    }

    async Task WaitForRoom()
    {
        if (Interlocked.Read(ref _queuedBytes) <= StreamBytes || _session.IsClosed) return;
        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _room = room;
        // The writer may have emptied the queue before it could see this.
        if (Interlocked.Read(ref _queuedBytes) <= StreamBytes || _session.IsClosed) return;
        try { await room.Task.WaitAsync(StreamPatience).ConfigureAwait(false); }
        catch (TimeoutException) { Abort("does not read the answer to its command"); }
    }

    void Abort(string why)
    {
        if (_session.IsClosed) return;
        _session.Close();
        _log.Write(LogGroup.Cfg, 1, $"vici client {why}, disconnected");
        _out.Writer.TryComplete();
        _client.Dispose();
    }

    /// <summary>Sends what is queued, then closes.</summary>
    public async Task Finish(TimeSpan limit)
    {
        _out.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(limit)).ConfigureAwait(false);
        _session.Close();
        await _client.DisposeAsync().ConfigureAwait(false);
    }
}
