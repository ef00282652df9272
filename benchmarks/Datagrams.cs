// The highest rate at which datagrams pass a tunnel without loss: a paced sender and a patient receiver.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Cygnet.Interop.Scenes;
using Cygnet.Interop.Testbed;

namespace Cygnet.Benchmarks;

/// <summary>Searches the loss-free rate by halving.</summary>
static class Datagrams
{
    const int Size = 1300, Port = 7779;
    const double Seconds = 1, Tolerated = 0.001;

    public static double LossFree(Pair pair)
    {
        using var receiver = pair.Sun.Host.Net.Within(() => Bound("10.2.0.1", Port));
        using var sender = pair.Moon.Host.Net.Within(() => Bound("10.1.0.1", 0));
        sender.Connect(new IPEndPoint(IPAddress.Parse("10.2.0.1"), Port));
        double low = 0, high = 2000;
        while (Passes(sender, receiver, high) && high < 2_000_000)
            (low, high) = (high, high * 2);
        for (var step = 0; step < 5; step++)
        {
            var middle = (low + high) / 2;
            if (Passes(sender, receiver, middle))
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    static bool Passes(Socket sender, Socket receiver, double rate)
    {
        var received = 0;
        var isSending = true;
        var counter = new Thread(() =>
        {
            var buffer = new byte[2048];
            // After the last datagram the receiver waits a moment for what is still in a queue.
            for (var idle = Stopwatch.StartNew(); Volatile.Read(ref isSending) || idle.ElapsedMilliseconds < 300;)
                if (receiver.Poll(50_000, SelectMode.SelectRead))
                {
                    receiver.Receive(buffer);
                    received++;
                    idle.Restart();
                }
        });
        counter.Start();
        var datagram = new byte[Size];
        var sent = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < Seconds;)
        {
            var due = (int)(clock.Elapsed.TotalSeconds * rate);
            while (sent < due && clock.Elapsed.TotalSeconds < Seconds)
            {
                sender.Send(datagram);
                sent++;
            }
            Thread.Sleep(1);
        }
        Volatile.Write(ref isSending, false);
        counter.Join();
        // A sender that cannot keep the pace has not offered the rate.
        return sent >= rate * Seconds * 0.97 && received >= sent * (1 - Tolerated);
    }

    static Socket Bound(string address, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        return socket;
    }
}
