// The sockets to the RADIUS servers, and the timer of the client behind them. RFC 2865 2.4.
using System.Net;
using System.Net.Sockets;
using Cygnet.Crypto;
using Cygnet.Ike;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Linux.Radius;

/// <summary>
/// Thread safe; whoever waits holds no thread. Sockets are opened when they are first needed, and again, with names looked up anew, after a server
/// was silent.
/// </summary>
public sealed class RadiusSockets : IRadiusServers, IRadiusNetwork, IDisposable
{
    readonly Lock _lock = new();
    readonly RadiusClient _client;
    readonly Action<string> _log;
    readonly Timer _timer;
    readonly Dictionary<RadiusChannel, Task<Socket>> _sockets = [];
    bool _isDisposed;

    /// <summary><paramref name="log"/> takes lines of group CFG, level 1.</summary>
    public RadiusSockets(IEnumerable<RadiusServerSettings> servers, IRandom random, Action<string> log)
    {
        _log = log;
        _client = new(servers, random, this);
        _timer = new(_ => Do(now => _client.Tick(now)));
    }

    static Instant Now => new(Environment.TickCount64);

    public Task<RadiusReply?> Request(RadiusCode code, RadiusAttributes attributes, string? server = null)
    {
        // The continuation must not run under our lock.
        var answer = new TaskCompletionSource<RadiusReply?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!Do(now => _client.Begin(code, attributes, server, r => answer.TrySetResult(r), now))) answer.TrySetResult(null);
        return answer.Task;
    }

    bool Do(Action<Instant> input)
    {
        lock (_lock)
        {
            if (_isDisposed) return false;
            var now = Now;
            input(now);
            var due = _client.Deadline;
            _timer.Change(due == Instant.Never ? Timeout.Infinite : Math.Clamp(due.Milliseconds - now.Milliseconds, 0, int.MaxValue), Timeout.Infinite);
            return true;
        }
    }

    void IRadiusNetwork.Send(RadiusChannel channel, byte[] datagram) => _ = Deliver(channel, datagram);

    void IRadiusNetwork.Reopen(RadiusChannel channel)
    {
        if (_sockets.Remove(channel, out var opening)) Close(opening);
    }

    void IRadiusNetwork.Log(string text) => _log(text);

    async Task Deliver(RadiusChannel channel, byte[] datagram)
    {
        try
        {
            Task<Socket>? opening;
            lock (_lock)
            {
                if (_isDisposed) return;
                if (!_sockets.TryGetValue(channel, out opening)) _sockets.Add(channel, opening = Task.Run(() => Open(channel)));
            }
            var socket = await opening.ConfigureAwait(false);
            await socket.SendAsync(datagram).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            _log($"sending RADIUS message to server '{channel.Settings.Name}' failed: {e.Message}");
            lock (_lock)
                if (_sockets.TryGetValue(channel, out var failed) && failed.IsFaulted) _sockets.Remove(channel);
        }
        catch (ObjectDisposedException)
        {
            // opened anew, or the end
        }
    }

    async Task<Socket> Open(RadiusChannel channel)
    {
        var settings = channel.Settings;
        IPAddress[] found = Address.TryParse(settings.Address, out var literal) ? [literal.ToIPAddress()] : await Resolve(settings.Address).ConfigureAwait(false);
        if (found.Length == 0)
        {
            _log($"resolving RADIUS server address '{settings.Address}' failed");
            throw new SocketException((int)SocketError.HostNotFound);
        }
        var socket = new Socket(found[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // Connected: the kernel passes on only what comes from the server.
            await socket.ConnectAsync(new IPEndPoint(found[0], channel.IsAccounting ? settings.AcctPort : settings.AuthPort)).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        _ = Receive(channel, socket);
        return socket;
    }

    static async Task<IPAddress[]> Resolve(string name)
    {
        try { return await Dns.GetHostAddressesAsync(name).ConfigureAwait(false); }
        catch (SocketException) { return []; }
    }

    async Task Receive(RadiusChannel channel, Socket socket)
    {
        var buffer = new byte[RadiusPacket.MaxBytes];
        while (true)
            try
            {
                var length = await socket.ReceiveAsync(buffer).ConfigureAwait(false);
                Do(now => _client.Receive(channel, buffer.AsSpan(0, length), now));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.MessageSize)
            {
                // An ICMP error may be forged, and the server may be back in a moment: only silence counts.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                // What one datagram causes must not make us deaf to others.
                _log($"fault in handling a reply of RADIUS server '{channel.Settings.Name}': {e}");
            }
    }

    static void Close(Task<Socket> opening) =>
        opening.ContinueWith(o => o.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <summary>Ends all that waits, without replies.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed) return;
            _client.Abandon();
            _isDisposed = true;
            foreach (var opening in _sockets.Values) Close(opening);
            _sockets.Clear();
        }
        _timer.Dispose();
    }
}
