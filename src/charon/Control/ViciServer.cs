// The listening end of the control protocol: a Unix socket with mode 0660, or TCP where that is configured.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Cygnet.Charon.Logging;
using Cygnet.Control;
using Cygnet.Ike;
using Cygnet.Linux;

namespace Cygnet.Charon.Control;

/// <summary>Accepts clients until it is disposed; then flushes what is queued for them and removes its socket.</summary>
sealed class ViciServer : IAsyncDisposable
{
    readonly Socket _listener;
    readonly string? _path;
    readonly Commands _commands;
    readonly EventHub _hub;
    readonly Log _log;
    readonly ConcurrentDictionary<ViciConnection, Task> _connections = new();
    readonly CancellationTokenSource _stop = new();
    Task _accepting = Task.CompletedTask;

    ViciServer(Socket listener, string? path, Commands commands, EventHub hub, Log log) =>
        (_listener, _path, _commands, _hub, _log) = (listener, path, commands, hub, log);

    public int Clients => _connections.Count;

    /// <summary>Opens the socket of a URI, <c>unix://path</c> or <c>tcp://host:port</c>. Throws <see cref="IOException"/> with the reason.</summary>
    public static ViciServer Open(string uri, Commands commands, EventHub hub, Log log)
    {
        const string unix = "unix://", tcp = "tcp://";
        try
        {
            if (uri.StartsWith(unix, StringComparison.Ordinal))
            {
                var path = uri[unix.Length..];
                return new(ListenUnix(path), path, commands, hub, log);
            }
            if (uri.StartsWith(tcp, StringComparison.Ordinal) && IPEndPoint.TryParse(uri[tcp.Length..], out var endpoint))
            {
                log.Write(LogGroup.Cfg, 1, $"vici socket {uri} is not authenticated: whoever reaches it controls this daemon");
                var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                listener.Bind(endpoint);
                listener.Listen(16);
                return new(listener, null, commands, hub, log);
            }
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"creating vici socket '{uri}' failed: {e.Message}", e);
        }
        throw new IOException($"creating vici socket failed: '{uri}' is neither unix://<path> nor tcp://<address>:<port>");
    }

    static Socket ListenUnix(string path)
    {
        // What is not a socket somebody else put there; it is not ours to remove.
        switch (FileKinds.Of(path))
        {
            case FileKind.None: break;
            case FileKind.Socket: File.Delete(path); break;
            default: throw new IOException($"creating vici socket failed: '{path}' exists and is not a socket");
        }
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect before Listen, so the mode is right from the first moment on.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            listener.Listen(16);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    public void Start() => _accepting = Task.Run(Accept);

    async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                var connection = new ViciConnection(socket, _commands, _hub, _log);
                _connections[connection] = Task.CompletedTask;
                _ = Serve(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors, for example: others may close theirs.
                _log.Write(LogGroup.Cfg, 1, $"accepting a vici client failed: {e.Message}");
                await Task.Delay(200).ConfigureAwait(false);
            }
        }
    }

    async Task Serve(ViciConnection connection)
    {
        try { await connection.Run().ConfigureAwait(false); }
        catch (Exception e) { _log.Write(LogGroup.Cfg, 1, $"vici client failed: {e}"); }
        finally { _connections.TryRemove(connection, out _); }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        if (_path is not null && FileKinds.Of(_path) == FileKind.Socket) File.Delete(_path);
        await Task.WhenAll(_connections.Keys.Select(c => c.Finish(TimeSpan.FromSeconds(1)))).ConfigureAwait(false);
    }
}
