// Name servers that a server assigns: on top of /etc/resolv.conf, or through resolvconf(8). RFC 7296 3.15.1.
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// Each server is counted, and asked before those that were there. Thread safe; files and programs are left to a thread of its own, so that no
/// caller waits.
/// </summary>
public sealed class Resolver : IDisposable
{
    /// <summary>What a line of ours ends with; lines that a crash left behind are known by it.</summary>
    public const string Comment = "   # by Cygnet";

    static readonly TimeSpan _patience = TimeSpan.FromSeconds(10), _again = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    readonly Dictionary<Address, int> _uses = [];
    readonly List<Address> _servers = []; // the worker's: the newest last
    readonly BlockingCollection<Action> _queue = [];
    readonly ResolverOptions _options;
    readonly HostState _state;
    readonly Action<string> _warn;
    readonly string? _resolvconf;
    readonly Thread _worker;
    bool _isFailing; // the worker's

    /// <param name="warn">Told what went wrong, a sentence each.</param>
    public Resolver(ResolverOptions options, HostState state, Action<string> warn)
    {
        (_options, _state, _warn) = (options, state, warn);
        _resolvconf = File.Exists(options.Resolvconf) ? options.Resolvconf : null;
        _worker = new(Work) { IsBackground = true, Name = "resolver" };
        _worker.Start();
        _queue.Add(Clean);
    }

    /// <summary>Returns what is to be logged, in the reference's words.</summary>
    public string Add(Address server)
    {
        lock (_lock)
        {
            if ((_uses[server] = _uses.GetValueOrDefault(server) + 1) > 1) return $"DNS server {server} already installed, increasing refcount";
            _queue.Add(() => Install(server));
            return _resolvconf is null ? $"installing DNS server {server} to {_options.File}" : $"installing DNS server {server} via resolvconf";
        }
    }

    /// <summary>Takes one <see cref="Add"/> back; null if there was none.</summary>
    public string? Remove(Address server)
    {
        lock (_lock)
        {
            if (!_uses.TryGetValue(server, out var uses)) return null;
            if (uses > 1)
            {
                _uses[server] = uses - 1;
                return $"DNS server {server} still used, decreasing refcount";
            }
            _uses.Remove(server);
            _queue.Add(() => Uninstall(server));
            return _resolvconf is null ? $"removing DNS server {server} from {_options.File}" : $"removing DNS server {server} via resolvconf";
        }
    }

    void Work()
    {
        foreach (var step in _queue.GetConsumingEnumerable())
            try { step(); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                _warn($"changing the DNS servers failed: {e.Message}");
            }
    }

    /// <summary>A process that crashed left its servers behind.</summary>
    void Clean()
    {
        if (_resolvconf is null) Rewrite();
        else
            foreach (var server in _state.LeftServers) Run("-d", server);
    }

    void Install(Address server)
    {
        _state.AddServer(server);
        _servers.Add(server);
        if (_resolvconf is null) Rewrite();
        else Run("-a", server);
    }

    void Uninstall(Address server)
    {
        _servers.Remove(server);
        if (_resolvconf is null) Rewrite();
        else Run("-d", server);
        _state.RemoveServer(server);
    }

    /// <summary>
    /// In place: the file may be bound or linked, and keeps its owner and mode. What others have written meanwhile stays.
    /// </summary>
    void Rewrite()
    {
        var old = Read();
        var kept = string.Concat(Lines(old).Where(line => !line.TrimEnd().EndsWith(Comment, StringComparison.Ordinal)));
        var text = string.Concat(Enumerable.Reverse(_servers).Select(s => $"nameserver {s}{Comment}\n")) + kept;
        if (text == old) return;
        using var file = new FileStream(_options.File, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        try
        {
            Put(file, text);
        }
        catch (IOException e)
        {
            // A full disk: what was there fits, a part of both would leave the host without names.
            Put(file, old);
            if (!_isFailing) _warn($"changing the DNS servers failed: {e.Message}; tried again until '{_options.File}' can be written");
            _isFailing = true;
            _ = Task.Delay(_again).ContinueWith(_ => TryAgain(), TaskScheduler.Default);
            return;
        }
        _isFailing = false;
    }

    void TryAgain()
    {
        lock (_lock)
            if (!_queue.IsAddingCompleted) _queue.Add(Rewrite);
    }

    static void Put(FileStream file, string text)
    {
        file.Position = 0;
        file.Write(Encoding.Latin1.GetBytes(text));
        file.SetLength(file.Position);
    }

    /// <summary>Byte for character: it may be in any encoding.</summary>
    string Read()
    {
        try { return Encoding.Latin1.GetString(File.ReadAllBytes(_options.File)); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { return ""; }
    }

    static IEnumerable<string> Lines(string text)
    {
        for (int from = 0, to; from < text.Length; from = to)
        {
            to = text.IndexOf('\n', from) is >= 0 and var end ? end + 1 : text.Length;
            yield return text[from..to];
        }
    }

    void Run(string option, Address server)
    {
        using var process = Process.Start(new ProcessStartInfo(_resolvconf!, [option, $"{_options.InterfacePrefix}{server}"])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        if (option == "-a") process.StandardInput.Write($"nameserver {server}\n");
        process.StandardInput.Close();
        if (!process.WaitForExit(_patience))
        {
            process.Kill(entireProcessTree: true);
            _warn($"{_resolvconf} did not come to an end, gave it up");
            return;
        }
        if (errors.Wait(_patience))
            foreach (var line in errors.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)) _warn($"resolvconf: {line}");
        if (process.ExitCode != 0) _warn($"{_resolvconf} {option} for DNS server {server} failed: exit code {process.ExitCode}");
    }

    /// <summary>Takes every server away that is left, and waits for it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var server in _uses.Keys) _queue.Add(() => Uninstall(server));
            _uses.Clear();
            _queue.CompleteAdding();
        }
        _worker.Join(_patience);
    }
}
