// What a daemon remembers for its successor: whole at every moment, and silent once the daemon has let go of it.
using Cygnet.Policy;

namespace Cygnet.Linux.Tests;

public sealed class HostStateTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("cygnet-state-").FullName;

    string File_ => Path.Combine(_directory, "state");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Nothing_is_written_once_it_is_closed()
    {
        var state = new HostState(File_);
        for (var i = 0; i < 200; i++) state.Add("wire", Address.Parse($"10.3.0.{i}"));
        state.Dispose();
        Assert.Equal(200, File.ReadAllLines(File_).Length);
        File.Delete(File_);
        Assert.True(SpinWait.SpinUntil(() => ThreadPool.PendingWorkItemCount == 0, TimeSpan.FromSeconds(30)));
        Assert.False(File.Exists(File_));
    }

    [Fact]
    public void A_reader_never_sees_the_file_cut_short()
    {
        using var state = new HostState(File_);
        state.Add("wire", Address.Parse("10.3.0.1"));
        Assert.True(SpinWait.SpinUntil(() => File.Exists(File_), TimeSpan.FromSeconds(30)));
        for (var i = 0; i < 300; i++)
        {
            state.Add("wire", Address.Parse("10.3.0.2"));
            Assert.NotEmpty(File.ReadAllLines(File_));
            state.Remove("wire", Address.Parse("10.3.0.2"));
            Assert.NotEmpty(File.ReadAllLines(File_));
        }
        Assert.Equal(["state"], Directory.GetFiles(_directory).Select(Path.GetFileName).Where(f => f![0] != '.'));
    }
}
