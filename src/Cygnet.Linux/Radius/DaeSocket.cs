// The socket on which RADIUS servers ask us to end sessions or to change them. RFC 5176.
using System.Net;
using System.Net.Sockets;
using Cygnet.Policy;
using Cygnet.Radius;

namespace Cygnet.Linux.Radius;

/// <summary>Judges a datagram; what it returns is sent back to where that came from.</summary>
public delegate byte[]? DaeHandler(ReadOnlySpan<byte> datagram, Endpoint from);

public sealed class DaeSocket : IDisposable
{
    readonly Socket _socket;
    readonly DaeHandler _handler;
    readonly Action<string> _log;

    DaeSocket(Socket socket, DaeHandler handler, Action<string> log) => (_socket, _handler, _log) = (socket, handler, log);

    /// <summary>Opens it and begins to receive; null, and a line in the log (group CFG, level 1), if that cannot be.</summary>
    public static DaeSocket? TryOpen(DaeSettings settings, DaeHandler handler, Action<string> log)
    {
        var socket = new Socket(settings.Listen.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(settings.Listen.ToIPAddress(), settings.Port));
        }
        catch (SocketException e)
        {
            log($"unable to bind RADIUS DAE socket to {settings}: {e.Message}");
            socket.Dispose();
            return null;
        }
        var door = new DaeSocket(socket, handler, log);
        _ = door.Receive();
        return door;
    }

    async Task Receive()
    {
        var buffer = new byte[RadiusPacket.MaxBytes];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (true)
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, any).ConfigureAwait(false);
                var from = (IPEndPoint)received.RemoteEndPoint;
                var reply = _handler(buffer.AsSpan(0, received.ReceivedBytes), new(Address.FromIPAddress(from.Address), (ushort)from.Port));
                if (reply is not null) await Send(reply, from).ConfigureAwait(false);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionRefused)
            {
                // too long to be a request, or nobody took the answer
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                if (e.SocketErrorCode != SocketError.OperationAborted) _log($"receiving RADIUS DAE request failed: {e.Message}");
                return;
            }
            catch (Exception e)
            {
                // What one datagram causes must not close the door for others.
                _log($"fault in handling a RADIUS DAE request: {e}");
            }
    }

    async Task Send(byte[] reply, IPEndPoint to)
    {
        try { await _socket.SendToAsync(reply, to).ConfigureAwait(false); }
        catch (SocketException e) { _log($"sending RADIUS DAE response failed: {e.Message}"); }
    }

    public void Dispose() => _socket.Dispose();
}
