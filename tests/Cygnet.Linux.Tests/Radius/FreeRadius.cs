// A FreeRADIUS of a test's own on the loopback device, in the foreground.
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Cygnet.Linux.Tests.Radius;

/// <summary>Ends with the test.</summary>
sealed class FreeRadius : IDisposable
{
    // It reads from a pipe that only this process holds: the server ends with the tests, also when they are killed.
    const string Script = """
        freeradius -X -d "$0" </dev/null & pid=$!
        while kill -0 $pid 2>/dev/null; do read -t 0.2 -r _; [ $? -gt 128 ] || break; done
        kill -KILL $pid 2>/dev/null
        wait $pid 2>/dev/null
        echo "freeradius has ended"
        """;

    readonly StringBuilder _said = new();
    readonly Process _process;

    public FreeRadius(string users, string method = "md5", string tls = "1.2")
    {
        Folder = Directory.CreateTempSubdirectory("cygnet-radius-").FullName;
        (AuthPort, AcctPort) = (FreePort(), FreePort());
        FreeRadiusConf.Write(Folder, "127.0.0.1", AuthPort, AcctPort, users, method, tls);
        _process = Process.Start(new ProcessStartInfo("bash", ["-c", Script, Folder]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, e) => Add(e.Data);
        _process.ErrorDataReceived += (_, e) => Add(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var patience = 0; !Said.Contains("Ready to process requests", StringComparison.Ordinal); patience++)
        {
            if (Said.Contains("freeradius has ended", StringComparison.Ordinal) || patience > 600)
            {
                Dispose();
                throw new InvalidOperationException($"freeradius does not start:\n{Said}");
            }
            Thread.Sleep(50);
        }
    }

    public string Folder { get; }
    public int AuthPort { get; }
    public int AcctPort { get; }

    /// <summary>Accounting records.</summary>
    public string Detail => File.Exists(Path.Combine(Folder, "detail")) ? File.ReadAllText(Path.Combine(Folder, "detail")) : "";

    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Folder, file));

    void Add(string? line)
    {
        lock (_said) _said.AppendLine(line);
    }

    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
