// A web server on loopback that answers as a test says, for CRLs and OCSP.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.PkiTool.Tests;

/// <summary>Asks <paramref name="answer"/> with the path and the body of each request; null is answered with 404.</summary>
sealed class WebServer : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly Func<string, byte[], byte[]?> _answer;

    public WebServer(Func<string, byte[], byte[]?> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = Serve();
    }

    public string At(string path) => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{path}";

    public void Dispose() => _listener.Stop();

    async Task Serve()
    {
        try
        {
            while (true) _ = Serve(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException) { }
    }

    async Task Serve(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var (request, head) = (new List<byte>(), -1);
                var (path, length) = ("", 0);
                var buffer = new byte[4096];
                while (head < 0 || request.Count < head + length)
                {
                    var got = await stream.ReadAsync(buffer);
                    if (got == 0) return;
                    request.AddRange(buffer[..got]);
                    var text = Encoding.Latin1.GetString([.. request]);
                    if (head >= 0 || (head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4) < 4)
                    {
                        if (head < 4) head = -1;
                        continue;
                    }
                    var lines = text[..head].Split("\r\n");
                    path = lines[0].Split(' ')[1].TrimStart('/');
                    length = lines.Where(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l.Split(':')[1], CultureInfo.InvariantCulture)).FirstOrDefault();
                }
                var body = _answer(path, [.. request.Skip(head)]);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(body is null ? "404 Not Found" : "200 OK")}\r\nConnection: close\r\nContent-Length: {body?.Length ?? 0}\r\n\r\n"));
                await stream.WriteAsync(body ?? []);
            }
            catch (IOException) { }
        }
    }
}
