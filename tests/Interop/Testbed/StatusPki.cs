// What the CA of TestPki says of its certificates: CRLs and a responder, made by openssl, and a web server beside a gateway.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Interop.Testbed;

/// <summary>The index of an openssl CA with one certificate in it, revoked or not; in a folder that goes with it.</summary>
public sealed class StatusPki : IDisposable
{
    readonly string folder = Bed.NewFolder("status");

    /// <param name="certificate">A file of TestPki, as <c>moon-rsa.pem</c>.</param>
    public StatusPki(string certificate, bool isRevoked)
    {
        var serial = OpenSsl("x509", "-in", TestPki.PathOf(certificate), "-noout", "-serial").Output.Trim().Split('=')[1];
        File.WriteAllText(At("index.txt"), $"{(isRevoked ? "R" : "V")}\t{Time(365)}\t{(isRevoked ? $"{Time(-1)},keyCompromise" : "")}\t{serial}\tunknown\t/C=CH/O=Cygnet Test\n");
        File.WriteAllText(At("ca.cnf"), $"[ca]\ndefault_ca=d\n[d]\ndatabase={At("index.txt")}\ndefault_md=sha256\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
    }

    /// <summary>A CRL in DER; with <paramref name="isStale"/> its next update is long due.</summary>
    public byte[] Crl(bool isStale = false)
    {
        string[] when = isStale ? ["-crl_lastupdate", Time(-20), "-crl_nextupdate", Time(-10)] : ["-crldays", "10"];
        OpenSsl(["ca", "-gencrl", "-config", At("ca.cnf"), "-cert", TestPki.PathOf("ca.pem"), "-keyfile", TestPki.PathOf("ca.key"), "-out", At("crl.pem"), .. when]);
        OpenSsl("crl", "-in", At("crl.pem"), "-outform", "DER", "-out", At("crl.der"));
        return File.ReadAllBytes(At("crl.der"));
    }

    /// <summary>A responder on a port of the host, until it is disposed; the CA signs for itself.</summary>
    public Background Responder(Host host, int port)
    {
        var responder = host.Start("openssl", "ocsp", "-index", At("index.txt"), "-port", $"{port}", "-CA", TestPki.PathOf("ca.pem"), "-rsigner", TestPki.PathOf("ca.pem"), "-rkey", TestPki.PathOf("ca.key"), "-ndays", "1");
        Wait.Until($"an OCSP responder on port {port}", () => host.Shell($"ss -ltn | grep -q ':{port} '").ExitCode == 0);
        return responder;
    }

    /// <summary>A web server on a port of the host that answers every request with these bytes, until it is disposed.</summary>
    public static IDisposable Web(Host host, int port, byte[] content)
    {
        var listener = host.Net.Within(() =>
        {
            var made = new TcpListener(IPAddress.Loopback, port);
            made.Start();
            return made;
        });
        new Thread(() =>
        {
            try
            {
                while (true)
                {
                    using var client = listener.AcceptSocket();
                    client.ReceiveTimeout = 5000;
                    client.Receive(new byte[4096]);
                    client.Send(Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Type: application/pkix-crl\r\nContent-Length: {content.Length}\r\n\r\n"));
                    client.Send(content);
                    client.Shutdown(SocketShutdown.Send);
                }
            }
            catch (SocketException) { } // the scene is over
        }) { IsBackground = true }.Start();
        return listener;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static string Time(int days) => DateTime.UtcNow.AddDays(days).ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);

    string At(string name) => Path.Combine(folder, name);

    static Ran OpenSsl(params ReadOnlySpan<string> words) => Command.Run(["openssl", .. words]).ShouldSucceed();
}
