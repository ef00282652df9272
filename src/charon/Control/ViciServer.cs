// The listening end of the control protocol: a Unix socket with mode 0660, or TCP where that is configured.
using System.Collections.Concurrent;
using System.Globalization;
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

    /// <summary>
    /// Opens the socket of a URI, <c>unix://path</c> or <c>tcp://host:port</c>, or takes the one that <see cref="Bind"/> has made of it before this process
    /// became another user. Throws <see cref="IOException"/> with the reason.
    /// </summary>
    public static ViciServer Open(string uri, Commands commands, EventHub hub, Log log, SocketOwner owner = default, int? opened = null)
    {
        const string unix = "unix://", tcp = "tcp://";
        try
        {
            if (uri.StartsWith(unix, StringComparison.Ordinal) && uri.Length > unix.Length)
            {
                var path = uri[unix.Length..];
                var listener = opened is { } fd ? new(new SafeSocketHandle(fd, ownsHandle: true)) : BindUnix(path, owner, text => log.Write(LogGroup.Cfg, 1, text));
                listener.Listen(16);
                return new(listener, path, commands, hub, log);
            }
            if (uri.StartsWith(tcp, StringComparison.Ordinal) && EndPointOf(uri[tcp.Length..]) is { } endpoint)
            {
                log.Write(LogGroup.Cfg, 1, $"vici socket {uri} is not authenticated: whoever reaches it controls this daemon");
                return new(ListenTcp(endpoint), null, commands, hub, log);
            }
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"creating vici socket '{uri}' failed: {e.Message}", e);
        }
        throw new IOException($"creating vici socket failed: '{uri}' is neither unix://<path> nor tcp://<host>:<port>");
    }

    /// <summary>The socket of a URI <c>unix://path</c>, at which nobody is let in yet; null for others. Throws as <see cref="Open"/> does.</summary>
    public static Socket? Bind(string uri, SocketOwner owner, Action<string> log)
    {
        const string unix = "unix://";
        try { return uri.StartsWith(unix, StringComparison.Ordinal) && uri.Length > unix.Length ? BindUnix(uri[unix.Length..], owner, log) : null; }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"creating vici socket '{uri}' failed: {e.Message}", e);
        }
    }

    // A name stands for its first address.
    static IPEndPoint? EndPointOf(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0) return null;
        var host = text[..colon];
        return IPAddress.TryParse(host, out var address) ? new(address, port) : new(Dns.GetHostAddresses(host)[0], port);
    }

    static Socket ListenTcp(IPEndPoint endpoint)
    {
        var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(endpoint);
            listener.Listen(16);
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    static Socket BindUnix(string path, SocketOwner owner, Action<string> log)
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
            // Nobody can connect before Listen, so owner and mode are right from the first moment on.
            owner.Take(path, log);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
            return listener;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.SocketError)
        {
            listener.Dispose();
            throw new IOException($"creating vici socket 'unix://{path}' failed: {NoFileReason(path) ?? e.Message}", e);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>.NET knows no socket error for a full or read-only file system; why no file can be made there says it.</summary>
    static string? NoFileReason(string path)
    {
        var beside = $"{path}.{Environment.ProcessId}";
        try
        {
            File.Create(beside).Dispose();
            File.Delete(beside);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
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
                var connection = new ViciConnection(new NetworkStream(socket, ownsSocket: true), _commands, _hub, _log);
                _connections[connection] = Task.CompletedTask;
                _ = Serve(connection);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is SocketException or IOException)
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
        if (_path is not null) TryRemove(_path);
        await Task.WhenAll(_connections.Keys.Select(c => c.Finish(TimeSpan.FromSeconds(1)))).ConfigureAwait(false);
    }

    static void TryRemove(string path)
    {
        try
        {
            if (FileKinds.Of(path) == FileKind.Socket) File.Delete(path);
        }
        catch (UnauthorizedAccessException)
        {
            // Its directory is root's, who this process is no more. The starter removes it, or the next daemon.
        }
    }
}
