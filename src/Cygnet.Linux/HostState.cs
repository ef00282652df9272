// What a daemon has changed on its host, in a file beside its PID: the next one undoes what a crash left behind.
using System.Collections.Immutable;
using Cygnet.Policy;

namespace Cygnet.Linux;

/// <summary>
/// Thread safe, and nobody waits for the disk. The file is tiny and lies where nothing survives a reboot; it is gone while there is nothing to undo.
/// </summary>
public sealed class HostState : IDisposable
{
    const string TextPrefix = "text ";

    // Room on a full disk comes when it comes.
    static readonly TimeSpan _again = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new(), _writing = new();
    readonly List<string> _lines = [];
    readonly string? _path;
    readonly Action<string>? _warn;
    bool _waits; // under _lock
    bool _closed, _isFailing, _triesAgain; // under _writing

    /// <param name="path">Null keeps nothing.</param>
    /// <param name="warn">Told once that the file cannot be written. It is tried again until it can.</param>
    public HostState(string? path, Action<string>? warn = null)
    {
        (_path, _warn) = (path, warn);
        try
        {
            if (path is not null && File.Exists(path)) _lines.AddRange(File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // nothing is known of the past
        }
        LeftAddresses = [.. Words("address").Where(w => w.Length == 3).Select(w => (w[1], Address.TryParse(w[2], out var a) ? a : default)).Where(a => !a.Item2.IsAny)];
        LeftTexts = [.. _lines.Where(l => l.StartsWith(TextPrefix, StringComparison.Ordinal)).Select(l => l[TextPrefix.Length..])];
        LeftServers = [.. Words("nameserver").Where(w => w.Length == 2).Select(w => Address.TryParse(w[1], out var a) ? a : default).Where(a => !a.IsAny)];
        _lines.Clear();
    }

    /// <summary>Addresses by device, and name servers, that a former process did not take away.</summary>
    public ImmutableArray<(string Device, Address Address)> LeftAddresses { get; }
    public ImmutableArray<Address> LeftServers { get; }

    /// <summary>Lines of others, see <see cref="AddText"/>.</summary>
    public ImmutableArray<string> LeftTexts { get; }

    IEnumerable<string[]> Words(string kind) => _lines.Select(l => l.Split(' ')).Where(w => w[0] == kind);

    public void Add(string device, Address address) => Change(l => l.Add($"address {device} {address}"));

    public void Remove(string device, Address address) => Change(l => l.Remove($"address {device} {address}"));

    public void AddServer(Address server) => Change(l => l.Add($"nameserver {server}"));

    public void RemoveServer(Address server) => Change(l => l.Remove($"nameserver {server}"));

    /// <summary>A line without line breaks, of which this class knows nothing more.</summary>
    public void AddText(string line) => Change(l => l.Add(TextPrefix + line));

    public void RemoveText(string line) => Change(l => l.Remove(TextPrefix + line));

    void Change(Action<List<string>> change)
    {
        lock (_lock)
        {
            change(_lines);
            // One that waits to be written takes this change along.
            if (_path is null || _waits) return;
            _waits = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static state => state.Write(), this, preferLocal: false);
    }

    void Write()
    {
        lock (_writing)
        {
            if (_closed) return;
            string[] lines;
            lock (_lock)
            {
                lines = [.. _lines];
                _waits = false;
            }
            try
            {
                if (lines.Length == 0) File.Delete(_path!);
                else WholeFile.Write(_path!, string.Concat(lines.Select(l => l + "\n")));
                _isFailing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // only a crash would need it
                if (!_isFailing) _warn?.Invoke($"cannot write '{_path}', after a crash addresses, name servers and what scripts set up would stay: {e.Message}");
                _isFailing = true;
                if (!_triesAgain) _ = Task.Delay(_again).ContinueWith(static (_, state) => ((HostState)state!).TryAgain(), this, TaskScheduler.Default);
                _triesAgain = true;
            }
        }
    }

    void TryAgain()
    {
        lock (_writing) _triesAgain = false;
        Write();
    }

    /// <summary>Writes what is still to be written; whatever changes later stays unwritten, for the file may be another daemon's by then.</summary>
    public void Dispose()
    {
        if (_path is null) return;
        Write();
        lock (_writing) _closed = true;
    }
}
