// One client's stream: segments in, one at a time; segments out, through a bounded queue.
using System.Buffers.Binary;
using System.Net.Sockets;
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

    static readonly TimeSpan StreamPatience = TimeSpan.FromMinutes(2);

    readonly Socket _socket;
    readonly Session _session;
    readonly Log _log;
    readonly Channel<byte[]> _out = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    Task _writing = Task.CompletedTask;
    long _queuedBytes;
    int _queuedSegments;
    volatile TaskCompletionSource? _room;

    public ViciConnection(Socket socket, Commands commands, EventHub hub, Log log)
    {
        _socket = socket;
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
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client is gone, or Abort closed the socket: nothing is owed to it any more.
        }
        finally
        {
            _session.Close();
            _out.Writer.TryComplete();
            await _writing.ConfigureAwait(false);
            _socket.Dispose();
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
            var body = new byte[length];
            if (!await Fill(body).ConfigureAwait(false)) return;
            await _session.Receive(body).ConfigureAwait(false);
        }
    }

    async Task<bool> Fill(byte[] buffer)
    {
        for (var at = 0; at < buffer.Length;)
        {
            var n = await _socket.ReceiveAsync(buffer.AsMemory(at), SocketFlags.None).ConfigureAwait(false);
            if (n == 0) return false;
            at += n;
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
            await foreach (var segment in _out.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                for (var at = 0; at < segment.Length;)
                    at += await _socket.SendAsync(segment.AsMemory(at), SocketFlags.None).ConfigureAwait(false);
                Interlocked.Decrement(ref _queuedSegments);
                if (Interlocked.Add(ref _queuedBytes, -segment.Length) <= StreamBytes) _room?.TrySetResult();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _session.Close();
        }
        finally
        {
            _room?.TrySetResult();
        }
    }

    async Task WaitForRoom()
    {
        if (Interlocked.Read(ref _queuedBytes) <= StreamBytes || _session.IsClosed) return;
        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _room = room;
        // The writer may have emptied the queue before it could see this.
        if (Interlocked.Read(ref _queuedBytes) <= StreamBytes || _session.IsClosed) return;
        if (await Task.WhenAny(room.Task, Task.Delay(StreamPatience)).ConfigureAwait(false) != room.Task) Abort("does not read the answer to its command");
    }

    void Abort(string why)
    {
        if (_session.IsClosed) return;
        _session.Close();
        _log.Write(LogGroup.Cfg, 1, $"vici client {why}, disconnected");
        _out.Writer.TryComplete();
        _socket.Dispose();
    }

    /// <summary>Sends what is queued, then closes.</summary>
    public async Task Finish(TimeSpan limit)
    {
        _out.Writer.TryComplete();
        await Task.WhenAny(_writing, Task.Delay(limit)).ConfigureAwait(false);
        _session.Close();
        _socket.Dispose();
    }
}
